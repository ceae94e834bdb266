import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { DeclaredOperations } from './declared-operations.js';
import { PolicyGuard } from './policy.guard.js';

/** Holds every route and field to the access policy. */
@Module({
  imports: [DiscoveryModule],
  providers: [DeclaredOperations, { provide: APP_GUARD, useClass: PolicyGuard }],
})
export class AccessModule {}
