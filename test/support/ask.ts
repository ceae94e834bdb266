/** A request to a lab, as any program makes one. */

export interface Asked {
  readonly body?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body is what JSON says; null for an empty one. */
export async function ask<Body>(
  url: string,
  method: string,
  { body, token, headers = {} }: Asked = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Body }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as Body };
}
