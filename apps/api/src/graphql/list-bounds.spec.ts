import 'reflect-metadata';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { NestFactory } from '@nestjs/core';
import { isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { ClaimResolver } from './claim.resolver.js';
import { ExperimentsResolver, RunsResolver } from './experiments.resolver.js';
import { isBounded } from './query-limits.js';
import { ExperimentTradeoffResolver, TradeoffResolver } from './tradeoff.resolver.js';

it('says of every list how long it can be: as a page, by a cost of its own, or by being charged when it is read', async () => {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await app
    .get(GraphQLSchemaFactory)
    .create([ExperimentsResolver, ExperimentTradeoffResolver, TradeoffResolver, ClaimResolver, RunsResolver]);
  const unbounded = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })) : [],
    )
    .filter(({ field }) => !isBounded(field))
    .map(({ name }) => name);
  expect(unbounded).toEqual([]);
  await app.close();
});
