import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Query, Resolver } from '@nestjs/graphql';
import { expect, it } from 'vitest';
import { DeclaredOperations } from './declared-operations.js';
import { Performs } from './performs.js';

@Controller('open')
class ForgetfulController {
  @Get()
  leak(): string {
    return '';
  }

  @Performs('health:read')
  @Get('fine')
  fine(): string {
    return '';
  }
}

@Resolver()
class ForgetfulResolver {
  @Query(() => String)
  claim(): string {
    return '';
  }
}

@Module({ imports: [DiscoveryModule], controllers: [ForgetfulController], providers: [ForgetfulResolver, DeclaredOperations] })
class ForgetfulModule {}

it('does not start with a route or field of which nobody said who may use it, and says what to write where', async () => {
  const app = await NestFactory.create(ForgetfulModule, { logger: false, abortOnError: false });
  await expect(app.init()).rejects.toThrow(
    "ForgetfulController.leak, ForgetfulResolver.claim: who may call it? Put @Performs('...') above it, with an operation of libs/lab/src/access-policy.ts",
  );
  await app.close();
});
