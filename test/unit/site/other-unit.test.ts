import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { otherUnit } from '../../../src/main/core/site/unit/other-unit.ts';

const facts = {
  site: 'plant',
  siteFolder: '/srv/a & b/"plant"',
  program: ['/usr/local/bin/sealift', 'run-service'],
};
const owner = { username: 'op<1>', homedir: '/Users/op' };
const read = (text: string) => {
  expect(XMLValidator.validate(text)).toBe(true);
  return new XMLParser({ ignoreAttributes: true, htmlEntities: true }).parse(text);
};

describe('the unit for another system', () => {
  it.each(['system', 'user'] as const)("is a property list for launchd's %s domain", (scope) => {
    const { text, path, register } = otherUnit('launchd', { ...facts, scope }, owner);
    const { plist } = read(text);
    expect(plist.dict.array.string).toEqual([...facts.program, facts.siteFolder]);
    expect(text.includes('<key>UserName</key>')).toBe(scope === 'system');
    expect(path).toMatch(scope === 'system' ? /^\/Library\/LaunchDaemons\// : /^\/Users\/op\/Library\/LaunchAgents\//);
    expect(register).toContain(path);
  });

  it.each([
    ['system', 'BootTrigger'],
    ['user', 'LogonTrigger'],
  ] as const)('is a scheduled task of Windows, for %s at %s', (scope, trigger) => {
    const program = ['C:\\Program Files\\sealift\\node.exe', 'C:\\a "b"\\service.js'];
    const siteFolder = 'C:\\sites\\plant\\';
    const { text, register } = otherUnit('windows', { site: 'plant', program, siteFolder, scope }, owner);
    const { Task } = read(text);
    expect(Object.keys(Task.Triggers)).toEqual([trigger]);
    expect(Task.Principals.Principal.UserId).toBe('op<1>');
    expect(Task.Actions.Exec).toEqual({
      Command: program[0],
      Arguments: '"C:\\a \\"b\\"\\service.js" "C:\\sites\\plant\\\\"',
    });
    expect(register).toContain('sealift-plant');
  });
});
