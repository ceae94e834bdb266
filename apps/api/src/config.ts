/** The server's configuration, read from the environment once. */
import { parseEnvironment, serviceConfig, serviceEnvironment, type ServiceConfig } from '@airmeta/service';
import { z } from 'zod';

const environmentSchema = serviceEnvironment.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
});

export interface ApiConfig extends ServiceConfig {
  readonly port: number;
  readonly host: string;
}

/** @throws ConfigError naming every wrong variable */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ApiConfig {
  const data = parseEnvironment(environmentSchema, environment);
  return Object.freeze({ ...serviceConfig(data), port: data.PORT, host: data.HOST });
}
