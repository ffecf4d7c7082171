import { z } from 'zod';
import { logPlace, logSwitch, settingStep, severity } from '../../../shared/contract/gitlab.ts';
import { gitlabInstallation, siteFamily } from '../../../shared/site-file.ts';
import { readCatalog } from '../settings/read-catalog.ts';

const version = z.string().regex(/^\d{2}\.\d{1,2}$/);
const source = z.string().min(3);
const id = z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/);

/** A field of GraphQL `duoSettings` that Sealift sets. */
export const duoField = z.enum([
  'aiGatewayUrl',
  'duoAgentPlatformServiceUrl',
  'selfHostedDuoAgentPlatformServiceSecure',
  'aiGatewayTimeoutSeconds',
]);

const step = settingStep
  .omit({ number: true })
  .extend({
    from: version.optional(),
    to: version.optional(),
    /** Not part of the plan if the site does not need it. */
    only: z.enum(['agent-platform', 'beta-family']).optional(),
    /** The installations of GitLab that it is for; absent: all. */
    installations: z.array(gitlabInstallation).min(1).optional(),
    why: z.string().min(1),
  })
  .strict();

/** `resources/catalog/eras.yaml`. */
const erasCatalog = z.strictObject({
  version: z.literal(1),
  newestRead: version,
  lastMinorOfMajor: z.array(z.strictObject({ major: z.int(), minor: z.int(), source })),
  upgradeStops: z.strictObject({
    source,
    /** `only`: the installations that must stop there; absent: all. */
    stops: z.array(z.strictObject({ version, only: z.string().min(1).optional() })),
    /** From here on, each major version has a stop at each of these minor versions. */
    regularFrom: version,
    regularMinors: z.array(z.int().nonnegative()).min(1),
  }),
  fork: z.strictObject({
    question: z.string(),
    source,
    answers: z.array(z.strictObject({ id, title: z.string(), consequence: z.string(), airGapped: z.boolean() })).min(2),
  }),
  installations: z.array(
    z.strictObject({
      id: gitlabInstallation,
      title: z.string(),
      /** What steps name as {{run}}, {{rails}}, {{rake}}, {{host}} and {{rbFile}}. */
      run: z.string(),
      rails: z.string(),
      rake: z.string(),
      host: z.string(),
      rbFile: z.string(),
      note: z.string().optional(),
      source,
    }),
  ),
  families: z.array(
    z.strictObject({
      id: siteFamily,
      since: version,
      /** The last version that has it. */
      to: version.optional(),
      state: z.enum(['ga', 'beta']),
      source,
    }),
  ),
  platforms: z.array(
    z.strictObject({
      id: z.string().min(1),
      since: version,
      /** What people should know about it in GitLab, and what is not verified. */
      note: z.string().min(1),
      source,
    }),
  ),
  duoSettings: z.array(
    z.strictObject({
      field: duoField,
      since: version,
      source,
    }),
  ),
  eras: z
    .array(
      z.strictObject({
        id,
        from: version,
        to: version.optional(),
        title: z.string(),
        /** True when `sealift gitlab apply` can do the steps marked `graphql`. */
        canApply: z.boolean(),
        source,
        steps: z.array(id).min(1),
      }),
    )
    .min(1),
  notes: z.array(
    z.strictObject({ id, from: version.optional(), to: version.optional(), severity, text: z.string(), source }),
  ),
  logging: z.strictObject({
    switches: z.array(logSwitch.extend({ from: version, to: version.optional() }).strict()),
    logs: z.array(logPlace.strict()),
  }),
  steps: z.array(step),
});
export type ErasCatalog = z.infer<typeof erasCatalog>;
export type CatalogStep = ErasCatalog['steps'][number];
export type Installation = ErasCatalog['installations'][number];
export type Era = ErasCatalog['eras'][number];
export type DuoField = z.infer<typeof duoField>;

/** `resources/catalog/gateway-variables.yaml`: each variable's `need` is one of `needs`. */
const gatewayVariablesCatalog = z
  .strictObject({
    version: z.literal(1),
    /** `isSet`: whether the gateway's container gets the variables of this need. */
    needs: z.record(z.string(), z.strictObject({ isSet: z.boolean(), meaning: z.string().min(1) })),
    variables: z.array(
      z.strictObject({
        name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
        from: version,
        to: version.optional(),
        need: z.string(),
        value: z.string().optional(),
        /** Name of the secret file whose content is the value. */
        secret: z.string().optional(),
        /** Field of the site file's `gateway.aws` that says where the secret value is. */
        key: z.enum(['accessKeyId', 'secretAccessKey', 'apiKey']).optional(),
        /** The platform on the internet that needs it; absent: none does. */
        platform: z.string().optional(),
        note: z.string().optional(),
        source,
      }),
    ),
  })
  .superRefine(({ needs, variables }, context) => {
    for (const [at, { need }] of variables.entries())
      if (!Object.hasOwn(needs, need))
        context.addIssue({ code: 'custom', path: ['variables', at, 'need'], message: 'is not one of `needs`' });
  });
export type GatewayVariablesCatalog = z.infer<typeof gatewayVariablesCatalog>;

/** Reads the eras; throws `catalog.damaged` naming the row that is wrong. */
export function loadEras(resources: string): Promise<ErasCatalog> {
  return readCatalog(resources, 'eras.yaml', erasCatalog);
}

/** Reads the gateway's variables; throws `catalog.damaged` naming the row that is wrong. */
export function loadGatewayVariables(resources: string): Promise<GatewayVariablesCatalog> {
  return readCatalog(resources, 'gateway-variables.yaml', gatewayVariablesCatalog);
}
