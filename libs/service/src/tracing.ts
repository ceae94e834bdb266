/** What a service says of its work in spans, whoever receives them. */

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
