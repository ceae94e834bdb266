/** Questions to one lab server, and what its answers mean. */
import { problemSchema } from '@airmeta/spec';
import { z } from 'zod';
import { RefusedError, UnexpectedAnswerError, UnreachableError } from './errors.js';

const graphqlAnswerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ status: z.int().optional(), code: z.string().optional() }).optional() }))
    .optional(),
});

export class LabConnection {
  /**
   * @param url address of the server, such as http://127.0.0.1:3000
   * @param token what the server tells its members by; none for a lab without accounts
   */
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  async call<Schema extends z.ZodType>(schema: Schema, path: string, init: RequestInit = {}): Promise<z.output<Schema>> {
    const headers = new Headers(init.headers);
    headers.set('Accept', 'application/json');
    if (init.body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/yaml');
    const response = await this.fetch(path, { ...init, headers });
    const text = await this.textOf(response);
    if (!response.ok) throw this.refusal(response, text);
    return this.read(schema, this.readJson(text));
  }

  async delete(path: string): Promise<void> {
    const response = await this.fetch(path, { method: 'DELETE' });
    const text = await this.textOf(response);
    if (!response.ok) throw this.refusal(response, text);
  }

  async graphql<Schema extends z.ZodType>(schema: Schema, query: string, variables: Record<string, unknown>): Promise<z.output<Schema>> {
    const response = await this.fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await this.textOf(response);
    const answer = graphqlAnswerSchema.safeParse(parsedOrUndefined(text));
    if (answer.data?.errors?.length) {
      const [{ message, extensions }] = answer.data.errors;
      const type = extensions?.code === undefined ? 'about:blank' : `urn:airmeta:problem:${extensions.code}`;
      throw new RefusedError({ type, title: 'The query was refused', status: extensions?.status ?? 400, detail: message });
    }
    if (!response.ok) throw this.refusal(response, text);
    return this.read(schema, this.read(graphqlAnswerSchema, this.readJson(text)).data);
  }

  /** The answer itself, once it is known not to be a refusal. */
  async open(path: string, init: RequestInit): Promise<Response> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw this.refusal(response, await this.textOf(response));
    return response;
  }

  /** @throws UnexpectedAnswerError when it is not of this shape */
  read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
    const result = schema.safeParse(body);
    if (!result.success) {
      throw new UnexpectedAnswerError(`${this.url} answered something else than this client understands: ${z.prettifyError(result.error)}`);
    }
    return result.data;
  }

  readJson(text: string): unknown {
    const value = parsedOrUndefined(text);
    if (value === undefined) throw new UnexpectedAnswerError(`${this.url} answered something that is not JSON; is it a lab server?`);
    return value;
  }

  private refusal({ status, statusText }: Response, text: string): Error {
    const problem = problemSchema.safeParse(parsedOrUndefined(text));
    return problem.success
      ? new RefusedError(problem.data)
      : new UnexpectedAnswerError(`${this.url} answered ${status} ${statusText}`.trimEnd(), status);
  }

  private async textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }

  /** The server may stand below a path, such as https://host/airmeta. */
  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token) headers.set('Authorization', `Bearer ${this.token}`);
    try {
      return await fetch(new URL(path.slice(1), this.url.endsWith('/') ? this.url : `${this.url}/`), { ...init, headers });
    } catch (error) {
      throw new UnreachableError(this.url, error);
    }
  }
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
