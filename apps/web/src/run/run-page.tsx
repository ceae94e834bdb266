import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { duration, runFigure } from '@airmeta/charts';
import type { RunBody } from '@airmeta/spec';
import { Figure } from '../elements/figure.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { ProgressBar } from '../elements/progress-bar.js';
import { StateBadge } from '../elements/state-badge.js';
import { useTitle } from '../elements/use-title.js';
import { usePoints } from '../experiment/use-points.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { Attempts } from './attempts.js';
import { RunActions } from './run-actions.js';

const REFRESH_MS = 2_000;

function isOpen(run: RunBody | undefined): boolean {
  return run?.state === 'queued' || run?.state === 'running';
}

/** One run: how far it is and why it waits, what it has measured, and who has computed it. */
export function RunPage({ id }: { readonly id: string }) {
  const client = useClient();
  const {
    data: run,
    error,
    refetch,
  } = useQuery({
    queryKey: ['run', id, 'state'],
    queryFn: () => client.run(id),
    refetchInterval: ({ state }) => (isOpen(state.data) ? REFRESH_MS : false),
  });
  useTitle(run && `run, replicate ${run.replicate}`);
  if (!run) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the run" />;
  return (
    <>
      <RunHead run={run} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {isOpen(run) && <Why run={run} />}
      {run.failure && (
        <p className="problem">
          <strong>{run.failure.code}</strong> {run.failure.message}
          {run.failure.round !== undefined && ` (round ${run.failure.round})`}
        </p>
      )}
      <h2>Metrics</h2>
      <Metrics run={run} />
      <h2>Attempts</h2>
      <Attempts run={run} />
      <RunActions run={run} />
    </>
  );
}

function RunHead({ run }: { readonly run: RunBody }) {
  const client = useClient();
  const { data: points } = usePoints(run.experimentId);
  const { data: experiment } = useQuery({
    queryKey: experimentKey(run.experimentId, 'summary'),
    queryFn: () => client.experiment(run.experimentId),
  });
  const point = points?.find(({ id }) => id === run.pointId);
  return (
    <section className="experiment-head">
      <p>
        <Link href={`/experiments/${run.experimentId}/runs`}>{experiment?.name ?? 'its experiment'}</Link>
      </p>
      <div className="heading">
        <h1>
          {point?.label ?? 'Run'}, replicate {run.replicate}
        </h1>
        <StateBadge tone={run.state} />
      </div>
      <p className="facts">
        <span>seed {run.seed}</span>
        <span>{duration(run.computeMs)} of compute time</span>
        {run.engine !== null && <span>{run.engine}</span>}
        {run.shared && <span>results of an equal run</span>}
      </p>
      <div className="experiment-progress">
        <ProgressBar done={run.round} total={run.rounds} label="rounds done" />
        <p>
          {run.round.toLocaleString('en')} of {run.rounds.toLocaleString('en')} rounds
        </p>
      </div>
    </section>
  );
}

function Why({ run }: { readonly run: RunBody }) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['run', run.id, 'why'],
    queryFn: () => client.why(run.id),
    refetchInterval: REFRESH_MS,
    enabled: run.state === 'queued',
  });
  return run.state === 'queued' && data ? <p className="notes">{data.sentence}</p> : null;
}

function Metrics({ run }: { readonly run: RunBody }) {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['run', run.id, 'metrics', isOpen(run)],
    queryFn: () => client.metrics(run.id),
    refetchInterval: isOpen(run) ? REFRESH_MS : false,
  });
  const name = `replicate ${run.replicate}, seed ${run.seed}`;
  const figure = useMemo(() => data && runFigure(name, data), [name, data]);
  if (!figure) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="metrics" />;
  return <Figure figure={figure} label="Metrics of this run over its rounds" stem={`run-${run.id}`} />;
}
