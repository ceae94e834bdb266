import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { stringify } from 'yaml';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { CopyButton } from '../elements/copy-button.js';
import { download, fileStem } from '../elements/download.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useLab } from '../lab/lab-context.js';
import { maySubmit } from '../lab/may-steer.js';

export function SpecificationTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const { client, caller } = useLab();
  const { data, error, refetch } = useQuery({
    queryKey: experimentKey(experiment.id, 'specification'),
    queryFn: () => client.specified(experiment.id),
  });
  if (!data) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the specification" />;
  const text = stringify(data.specification);
  return (
    <>
      <p className="faint">
        As the lab has read it, with every default; submitting it again gives the same points. SHA-256 {experiment.hash}
      </p>
      <div className="actions">
        <CopyButton text={text} />
        <button type="button" onClick={() => download(`${fileStem(experiment.name)}.yaml`, 'application/yaml', text)}>
          Download YAML
        </button>
        {maySubmit(caller) && <Link href={`/new/${experiment.id}`}>Submit a variation</Link>}
      </div>
      <pre className="document" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}
