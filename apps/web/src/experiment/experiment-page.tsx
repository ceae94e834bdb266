import { Link } from 'wouter';
import { RefusedError } from '@airmeta/client';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useExperiment } from '../lab/experiment-queries.js';
import { useLab } from '../lab/lab-context.js';
import { maySteer } from '../lab/may-steer.js';
import { ClaimTab } from './claim-tab.js';
import { CurvesTab } from './curves-tab.js';
import { ExperimentHead } from './experiment-head.js';
import { ExtendTab } from './extend-tab.js';
import { PropertiesTab } from './properties-tab.js';
import { RunsTab } from './runs-tab.js';
import { SpecificationTab } from './specification-tab.js';
import { TradeoffTab } from './tradeoff-tab.js';

const TABS = [
  { path: 'tradeoff', title: 'Trade-off', show: TradeoffTab, steers: false },
  { path: 'claim', title: 'Claim', show: ClaimTab, steers: false },
  { path: 'curves', title: 'Learning curves', show: CurvesTab, steers: false },
  { path: 'runs', title: 'Runs', show: RunsTab, steers: false },
  { path: 'specification', title: 'Specification', show: SpecificationTab, steers: false },
  { path: 'extend', title: 'Extend', show: ExtendTab, steers: true },
  { path: 'properties', title: 'Properties', show: PropertiesTab, steers: true },
] as const;

export function ExperimentPage({ id, tab = TABS[0].path }: { readonly id: string; readonly tab: string | undefined }) {
  const { caller } = useLab();
  const { data: experiment, error, refetch } = useExperiment(id);
  useTitle(experiment?.name);
  const gone = error instanceof RefusedError && error.problem.status === 404;
  if (!experiment || gone)
    return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the experiment" />;

  const tabs = TABS.filter(({ steers }) => !steers || maySteer(caller, experiment));
  const current = tabs.find(({ path }) => path === tab);
  return (
    <>
      <ExperimentHead experiment={experiment} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <nav className="tabs" aria-label="experiment">
        {tabs.map(({ path, title }) => (
          <Link key={path} href={`/experiments/${id}/${path}`} aria-current={path === tab ? 'page' : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      {current ? <current.show experiment={experiment} /> : <p>There is no such page of an experiment.</p>}
    </>
  );
}
