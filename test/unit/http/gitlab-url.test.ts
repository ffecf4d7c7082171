import { expect, it } from 'vitest';
import { gitlabBase } from '../../../src/main/core/http/gitlab-url.ts';

it.each([
  ['https://gitlab.example', 'https://gitlab.example'],
  ['https://GitLab.Example:443/', 'https://gitlab.example'],
  ['https://code.example/gitlab/', 'https://code.example/gitlab'],
  ['http://10.0.0.5:8080/dev/git.lab-2//', 'http://10.0.0.5:8080/dev/git.lab-2'],
  ['https://[::1]:8443/gitlab', 'https://[::1]:8443/gitlab'],
  ['https://gitlab.example/administration', 'https://gitlab.example/administration'],
])('takes %s as %s', (text, base) => expect(gitlabBase(text)).toBe(base));

it.each([
  'gitlab.example',
  'ftp://gitlab.example',
  'https://root:secret@gitlab.example',
  'https://gitlab.example/?a=1',
  'https://gitlab.example/#a',
  'https://gitlab.example/-/health',
  'https://gitlab.example/gitlab/-/readiness',
  'https://gitlab.example/api/v4/',
  'https://gitlab.example/gitlab/users/sign_in',
  'https://gitlab.example/admin',
  'https://gitlab.example/a b',
  'https://gitlab.example//gitlab',
  "https://gitlab.example/';reboot",
])('refuses %s', (text) => expect(gitlabBase(text)).toBeUndefined());
