import { useQuery } from '@tanstack/react-query';
import { stringify } from 'yaml';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { EXAMPLES } from './examples.js';
import { SubmitForm } from './submit-form.js';

const FIRST_EXAMPLE = 'quickstart';

/** @param from the experiment whose specification to begin with; undefined: an example */
export function SubmitPage({ from }: { readonly from: string | undefined }) {
  useTitle('submit');
  return (
    <>
      <h1>Submit an experiment</h1>
      {from === undefined ? <SubmitForm from={null} first={EXAMPLES.get(FIRST_EXAMPLE) ?? ''} /> : <Variation from={from} />}
    </>
  );
}

function Variation({ from }: { readonly from: string }) {
  const client = useClient();
  const { data, error, refetch } = useQuery({ queryKey: experimentKey(from, 'specification'), queryFn: () => client.specified(from) });
  if (!data) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the specification" />;
  return <SubmitForm from={from} first={stringify(data.specification)} />;
}
