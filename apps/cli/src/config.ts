/** What the command line takes from the environment. */
export interface CliEnvironment {
  /** Address of the lab server. */
  readonly url: string;
  /** Folder of data sets for local runs. */
  readonly datasetsDirectory: string;
}

export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): CliEnvironment {
  return Object.freeze({
    url: environment['AIRMETA_URL'] || 'http://127.0.0.1:3000',
    datasetsDirectory: environment['AIRMETA_DATASETS_DIR'] || 'datasets',
  });
}
