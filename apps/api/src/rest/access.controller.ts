import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { addMember, changeMember, issueToken, isTokenSecret, listTokens, revokeToken, withoutTokens, type Member } from '@airmeta/lab';
import type { Persistence } from '@airmeta/persistence';
import {
  addedMemberSchema,
  auditPageSchema,
  DEFAULT_TOKEN_DAYS,
  issuedTokenSchema,
  memberChangeSchema,
  memberListSchema,
  memberSchema,
  newMemberSchema,
  newTokenSchema,
  tokenListSchema,
  whoamiSchema,
  type AddedMemberBody,
  type AuditEntryBody,
  type IssuedTokenBody,
  type MemberBody,
  type TokenBody,
  type WhoamiBody,
} from '@airmeta/spec';
import { Performs } from '../access/performs.js';
import { beginChange, currentSession } from '../access/session-context.js';
import type { ApiConfig } from '../config.js';
import { Dispatcher } from '../dispatcher.js';
import { readFlag } from '../edge/flag.js';
import { readPage } from '../edge/page.js';
import { BadRequestError, NotFoundError } from '../edge/problem.js';
import { requireId } from '../edge/uuid.js';
import { CONFIG, PERSISTENCE } from '../tokens.js';
import { auditBody, memberBody, openApiSchema, tokenBody } from './bodies.js';
import { readJsonBody } from './json-body.js';

/** Who may use the lab, and what they changed. */
@ApiTags('access')
@Controller('v1')
export class AccessController {
  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(PERSISTENCE) private readonly persistence: Persistence,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
  ) {}

  @Performs('self:read')
  @Get('whoami')
  @ApiOperation({ summary: 'Who is asking' })
  @ApiResponse({ status: 200, schema: openApiSchema(whoamiSchema) })
  whoami(): WhoamiBody {
    const { member, role, token } = currentSession().caller;
    return { auth: this.config.auth, name: member?.name ?? null, role, token: token && tokenBody(token) };
  }

  @Performs('tokens:list')
  @Get('tokens')
  @ApiOperation({ summary: 'Your tokens, newest first; every member’s for an admin' })
  @ApiResponse({ status: 200, schema: openApiSchema(tokenListSchema) })
  async tokens(): Promise<{ items: TokenBody[] }> {
    return { items: (await listTokens(currentSession().caller, this.persistence.access)).map(tokenBody) };
  }

  @Performs('tokens:create')
  @Post('tokens')
  @HttpCode(201)
  @ApiOperation({ summary: 'Create a token; this answer is the only one that has it' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(newTokenSchema) })
  @ApiResponse({ status: 201, schema: openApiSchema(issuedTokenSchema) })
  async createToken(@Body() body: unknown): Promise<IssuedTokenBody> {
    const { member: name, ...request } = readJsonBody(newTokenSchema, body);
    const member = await this.memberOrSelf(name);
    const { token, secret } = await issueToken(currentSession(), member, request, this.config.memberCaps.tokens, this.persistence.access);
    return { ...tokenBody(token), secret };
  }

  @Performs('tokens:revoke')
  @Delete('tokens/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token, and those that its member made with it' })
  @ApiParam({ name: 'id', description: 'Its id, or the token itself.', schema: { type: 'string' } })
  @ApiQuery({ name: 'keepMade', required: false, schema: { type: 'boolean', default: false }, description: 'Keep those made with it.' })
  async revokeToken(@Param('id') id: string, @Query('keepMade') keepMade?: string): Promise<void> {
    const which = isTokenSecret(id) ? id : requireId('token', withoutTokens(id));
    const options = { keepMade: readFlag('keepMade', keepMade, false) };
    if (!(await revokeToken(currentSession(), which, options, this.persistence.access)))
      throw new NotFoundError('token', withoutTokens(id));
  }

  @Performs('members:list')
  @Get('members')
  @ApiOperation({ summary: 'Members by name' })
  @ApiResponse({ status: 200, schema: openApiSchema(memberListSchema) })
  async members(): Promise<{ items: MemberBody[] }> {
    return { items: (await this.persistence.access.members()).map(memberBody) };
  }

  @Performs('members:add')
  @Post('members')
  @HttpCode(201)
  @ApiOperation({ summary: 'Add a member; this answer is the only one that has the first token' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(newMemberSchema) })
  @ApiResponse({ status: 201, schema: openApiSchema(addedMemberSchema) })
  async addMember(@Body() body: unknown): Promise<AddedMemberBody> {
    const request = readJsonBody(newMemberSchema, body);
    const { member, token, secret } = await addMember(currentSession(), request, DEFAULT_TOKEN_DAYS, this.persistence.access);
    return { ...memberBody(member), token: { ...tokenBody(token), secret } };
  }

  @Performs('members:set-role')
  @Patch('members/:name')
  @ApiOperation({ summary: 'Change a member’s role, or how many of the member’s runs may run at once' })
  @ApiParam({ name: 'name' })
  @ApiConsumes('application/json')
  @ApiBody({ schema: openApiSchema(memberChangeSchema, 'input') })
  @ApiResponse({ status: 200, schema: openApiSchema(memberSchema) })
  async changeMember(@Param('name') name: string, @Body() body: unknown): Promise<MemberBody> {
    const change = readJsonBody(memberChangeSchema, body);
    if (change.role === undefined) beginChange({ operation: 'members:set-cap', target: name.slice(0, 200) });
    const member = await changeMember(currentSession(), name, change, this.persistence.access);
    if (!member) throw new NotFoundError('member', name);
    this.dispatcher.wake();
    return memberBody(member);
  }

  @Performs('members:remove')
  @Delete('members/:name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a member, and revoke the member’s tokens; the experiments stay' })
  @ApiParam({ name: 'name' })
  async removeMember(@Param('name') name: string): Promise<void> {
    if (!(await this.persistence.access.removeMember(currentSession(), name))) throw new NotFoundError('member', name);
  }

  @Performs('audit:read')
  @Get('audit')
  @ApiOperation({ summary: 'What was changed, and by whom, newest first' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } })
  @ApiQuery({ name: 'after', required: false, description: 'nextCursor of the page before' })
  @ApiResponse({ status: 200, schema: openApiSchema(auditPageSchema) })
  async audit(
    @Query('limit') limit?: string,
    @Query('after') after?: string,
  ): Promise<{ items: AuditEntryBody[]; nextCursor: string | null }> {
    const page = await this.persistence.access.audit(readPage(limit, after));
    return { items: page.items.map(auditBody), nextCursor: page.nextCursor };
  }

  private async memberOrSelf(name: string | undefined): Promise<Member> {
    const self = currentSession().caller.member;
    if (name === undefined) {
      if (!self) throw new BadRequestError('in a lab without accounts you are no member: say whose token it shall be ("member")');
      return self;
    }
    const member = name === self?.name ? self : await this.persistence.access.findMember(name);
    if (!member) throw new NotFoundError('member', name);
    return member;
  }
}
