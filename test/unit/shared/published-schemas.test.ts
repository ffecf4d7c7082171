import { describe, it } from 'vitest';
import { reportData } from '../../../src/main/core/report/report-data.ts';
import { bundleSpec } from '../../../src/shared/bundle-spec.ts';
import { readiness } from '../../../src/shared/readiness.ts';
import { siteFile } from '../../../src/shared/site-file.ts';
import { expectPublished } from '../../published-schema.ts';

describe('the published schemas are what the code checks', () => {
  it('bundle', () =>
    expectPublished('bundle', 'What to pack, as `sealift bundle pack BUNDLE.yaml` reads it', bundleSpec));
  it('readiness', () =>
    expectPublished(
      'readiness',
      'Readiness of one machine, as `sealift check --report FILE.json` writes it',
      readiness,
    ));
  it('report', () =>
    expectPublished(
      'report',
      'Evidence of one site, as `sealift report SITE.yaml` writes it to report.json',
      reportData,
    ));
  it('site', () => expectPublished('site', 'A site, as `sealift deploy SITE.yaml` reads it', siteFile));
});
