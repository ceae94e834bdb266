/** Which operation every route and field declares, read from the program itself. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { Operation } from '@airmeta/lab';
import { OPERATION } from './performs.js';

/** What Nest marks methods with that serve a request: a route, or a GraphQL field. */
const ENTRANCES = [METHOD_METADATA, PATH_METADATA, 'graphql:resolver_type', 'graphql:resolve_property', 'graphql:resolve_reference'];

export interface Entrance {
  /** Such as ExperimentsController.create. */
  readonly name: string;
  readonly operation: Operation | undefined;
  readonly in: object;
  readonly handler: object;
}

@Injectable()
export class DeclaredOperations implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly methods: MetadataScanner,
  ) {}

  /** @throws Error when a route or field declares none: the server does not start, as nobody has said who may use it */
  onModuleInit(): void {
    const undeclared = this.entrances().filter(({ operation }) => operation === undefined);
    if (undeclared.length === 0) return;
    throw new Error(
      `${undeclared.map(({ name }) => name).join(', ')}: who may call it? Put @Performs('...') above it, with an operation of ` +
        `libs/lab/src/access-policy.ts (what reads experiments performs 'experiments:read')`,
    );
  }

  entrances(): Entrance[] {
    return [...this.discovery.getControllers(), ...this.discovery.getProviders()].flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, unknown> | undefined;
      if (!prototype) return [];
      return this.methods.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method];
        if (typeof handler !== 'function' || !ENTRANCES.some((key) => Reflect.hasMetadata(key, handler))) return [];
        const operation = Reflect.getMetadata(OPERATION, handler) as Operation | undefined;
        return [{ name: `${metatype.name}.${method}`, operation, in: metatype, handler }];
      });
    });
  }
}
