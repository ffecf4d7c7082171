import { describe, expect, it, vi } from 'vitest';
import {
  actionOf,
  hasNoField,
  inWindow,
  isRefusedHere,
  replacedHere,
} from '../../../src/renderer/ui/window-actions.ts';

const { goTo } = vi.hoisted(() => ({ goTo: vi.fn() }));
vi.mock('../../../src/renderer/state/route.ts', () => ({ goTo }));

describe('the way to the screen that replaces a command', () => {
  it.each([
    ['sealift deploy /srv/site.yaml', 'deploy'],
    ['sealift --home /srv/h deploy SITE.yaml', 'deploy'],
    ['sealift import /media/a', 'import'],
    ['sealift bundle verify DIR', 'import'],
    ['sealift gitlab apply SITE.yaml', 'gitlab'],
    ['sealift probe SITE.yaml', 'probe'],
    ['sealift models --fit', 'model'],
    ['sealift report SITE.yaml --out DIR', 'report'],
    ['sealift check --report readiness.json', 'readiness'],
    ['sealift key new NAME', 'pack'],
  ])('%s: %s', (command, place) => {
    actionOf(command, 'home')?.();
    expect(goTo).toHaveBeenLastCalledWith(place);
  });

  it.each([
    ['sealift status', 'the screen that is shown'],
    ['sealift report verify DIR', 'a command that no screen replaces'],
    ['sealift gitlab undo SITE.yaml', 'a command that no screen replaces'],
    ['sealift check --measure-disk /srv', 'a command that no screen replaces'],
    ['modprobe nvidia', 'another program'],
  ])('does not exist for %s (%s)', (command) => {
    expect(actionOf(command, 'home')).toBeUndefined();
  });
});

describe('a command that the lock of the window refuses', () => {
  it.each([
    ['sealift report SITE.yaml --out DIR', '“Report” in this window'],
    ['sealift gitlab check SITE.yaml', '“GitLab” in this window'],
    ['sealift --home /srv/h rehearse --replace', '“Rehearse” in this window'],
    ['sealift --home /srv/h push registry.local:5000 DIR', '“Push to a registry” in this window'],
    ['sealift status', undefined],
    ['sealift report verify DIR', undefined],
    ['sealift gitlab plan SITE.yaml', undefined],
  ])('is named by what replaces it on its own screen: %s', (command, words) =>
    expect(replacedHere(command)).toBe(words),
  );

  it.each([
    ['sealift key untrust FINGERPRINT', true],
    ['sealift accept SITE.yaml', true],
    ['sealift --home /srv/h kubernetes SITE.yaml --out DIR', true],
    ['sealift gitlab undo SITE.yaml', true],
    ['sealift gitlab apply SITE.yaml', false],
    ['sealift front-key list', false],
    ['sealift jobs', false],
  ])('and has no screen is known: %s', (command, isRefused) => expect(isRefusedHere(command)).toBe(isRefused));
});

describe('a command with an option that its screen has no field for', () => {
  it.each([
    ['sealift rehearse --dir DIR', true],
    ['sealift --home /srv/h rehearse --dir DIR', true],
    ["sealift rehearse --dir '/srv/kept here' --replace", false],
    ['sealift report SITE.yaml --out DIR', false],
  ])('is known: %s', (command, isKnown) => expect(hasNoField(command)).toBe(isKnown));
});

describe('a sentence in the window', () => {
  it.each([
    [
      'Deploy again (sealift deploy SITE.yaml). Parts that are correct stay as they are.',
      'Deploy again (“Deploy” in this window). Parts that are correct stay as they are.',
    ],
    [
      'Stop and start it: sealift stop --site lab; sealift start --site lab',
      'Stop and start it: “Stop site” in this window; “Start site” in this window',
    ],
    [
      'then trust the keys again with "sealift key trust". Until then no key is trusted.',
      'then trust the keys again with “Check fingerprint” in this window. Until then no key is trusted.',
    ],
    ['When it suits: sealift restart --site lab', 'When it suits: “Stop site, then Start site” in this window'],
    ['Compare (sealift gitlab check SITE.yaml).', 'Compare (“GitLab” in this window).'],
    ['To remove it: sealift uninstall --yes --keep-weights', 'To remove it: “Remove site…” in this window'],
  ])('names a screen for a command that the lock would refuse: %s', (sentence, shownAs) => {
    expect(inWindow(sentence)).toBe(shownAs);
  });

  it.each([
    [
      'If that bundle is no longer needed, run the same command with --overwrite: it removes only that bundle.',
      'If that bundle is no longer needed, select “Replace existing Sealift bundles on these media”: it removes only that bundle.',
    ],
    ['Name a folder on another medium with --to, outside.', 'Name a folder on another medium under “Media”, outside.'],
    [
      'Name one more medium with --to, use larger media, or raise --medium-size if you set it.',
      'Name one more medium under “Media”, or use larger media.',
    ],
  ])('names what a form has for an option: %s', (sentence, shownAs) => {
    expect(inWindow(sentence)).toBe(shownAs);
  });

  it.each([
    'See what runs (sealift status).',
    'Read it: sealift logs --part front',
    'Verify with: sealift report verify DIR',
    'On the packing side, run the same "sealift bundle pack" again: it resumes the unfinished bundle.',
    'Then import the images: sealift import DIR --engine unix:///run/podman/podman.sock',
  ])('keeps a command that only reads, is only named, or has no screen: %s', (sentence) =>
    expect(inWindow(sentence)).toBe(sentence),
  );
});
