/** Spans of OpenTelemetry, when there is somebody to send them to. Nothing of OpenTelemetry is loaded otherwise. */

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanOptions {
  /** W3C traceparent of what caused it; without one, the span that is open, or none. */
  readonly parent?: string | undefined;
  /** When it began, if that was before now. */
  readonly startedAt?: Date | undefined;
  readonly attributes?: SpanAttributes;
}

export interface OpenSpan {
  rename(name: string): void;
  annotate(attributes: SpanAttributes): void;
  /** Marks what it stands for as failed. */
  fail(reason: string): void;
  end(): void;
}

export interface Tracing {
  readonly on: boolean;
  /** Calls `work` in a new span, which the caller of `work` ends. */
  inSpan<T>(name: string, options: SpanOptions, work: (span: OpenSpan) => T): T;
  /** W3C traceparent of the open span; undefined when there is none. */
  current(): string | undefined;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

const NO_SPAN: OpenSpan = { rename: () => undefined, annotate: () => undefined, fail: () => undefined, end: () => undefined };

const OFF: Tracing = {
  on: false,
  inSpan: (_name, _options, work) => work(NO_SPAN),
  current: () => undefined,
  close: async () => undefined,
};

/**
 * @param service such as airmeta-api
 * @param endpoint address of an OTLP/HTTP receiver, without /v1/traces; undefined: no tracing
 */
export async function openTracing(service: string, endpoint: string | undefined): Promise<Tracing> {
  if (endpoint === undefined) return OFF;
  const { openOtlpTracing } = await import('./otlp-tracing.js');
  return openOtlpTracing(service, endpoint);
}
