/** Submitting to the database behind a lab. */
import { LAB_SESSION, submitExperiment, type Session, type SubmissionOptions } from '@airmeta/lab';
import { openPersistence } from '@airmeta/persistence';
import { readSpecificationText } from '@airmeta/spec';

/** Returns the experiment's id. */
export async function submitted(
  databaseUrl: string,
  specification: string,
  options: SubmissionOptions = { force: true },
  session: Session = LAB_SESSION,
): Promise<string> {
  const persistence = await openPersistence({ connectionString: databaseUrl, poolSize: 2 });
  try {
    const stores = { experiments: persistence.experimentsOf(session), datasets: { problemWith: async () => null } };
    return (await submitExperiment(readSpecificationText(specification), stores, options)).summary.id;
  } finally {
    await persistence.close();
  }
}
