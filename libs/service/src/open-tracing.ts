/** Spans of OpenTelemetry, when there is somebody to send them to. Nothing of OpenTelemetry is loaded otherwise. */
import type { OpenSpan, Tracing } from './tracing.js';

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
