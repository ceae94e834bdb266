/** What the documentation of several routes has in common. */
import { ApiParam, ApiResponse } from '@nestjs/swagger';
import { problemSchema } from '@airmeta/spec';
import { openApiSchema } from './bodies.js';

export const problem = (status: number, description: string) =>
  ApiResponse({ status, description, content: { 'application/problem+json': { schema: openApiSchema(problemSchema) } } });

export const idParam = () => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
