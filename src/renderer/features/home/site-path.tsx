import { partMarks } from '../../../shared/part-health.ts';
import { homeText as text } from '../../text/home.ts';
import { statesText } from '../../text/states.ts';
import { RequestPath, type Station } from '../../ui/request-path.tsx';
import { nameOfPart, ownVersion, type Sites } from './home-store.ts';

type Site = Sites['sites'][number];
type Part = Sites['parts'][number];

/** Draws the path of a request through a site, with the present state of each part that Sealift runs. */
export function SitePath({ site, parts }: { site: Site; parts: readonly Part[] }) {
  const stations = ['gitlab', 'gateway', 'front', 'model'].map((name): Station => {
    const part = parts.find((one) => one.name === name);
    if (part) return ofPart(part);
    const models = name === 'model' ? parts.filter((one) => one.name.startsWith('model-')) : [];
    if (models.length > 0) return ofModels(models);
    return name === 'gitlab' ? ofGitlab(site) : { name: nameOfPart(name), lines: [text.elsewhere], isSimulated: false };
  });
  return <RequestPath label={text.path} stations={stations} />;
}

function ofPart(part: Part): Station {
  const mark = partMarks[part.state];
  const line = [statesText.parts[part.state].word, ownVersion(part)].filter(Boolean).join(' · ');
  return { name: nameOfPart(part.name), mark, lines: [line], isSimulated: part.simulated === true };
}

/** The station of several models: well only when all are. */
function ofModels(models: readonly Part[]): Station {
  const bad = models.find((one) => one.state !== 'running') ?? models[0];
  return {
    name: nameOfPart('model'),
    ...(bad && { mark: partMarks[bad.state] }),
    lines: models.map(({ name, state }) => `${name.slice('model-'.length)}: ${statesText.parts[state].word}`),
    isSimulated: models.some((one) => one.simulated === true),
  };
}

/* GitLab is no part of the site: all that is known about it here is whether its settings were read back once. */
function ofGitlab({ gitlabSettings }: Site): Station {
  const name = nameOfPart('gitlab');
  if (gitlabSettings === 'set') return { name, lines: [text.settingsSet], isSimulated: false };
  const [mark, line] =
    gitlabSettings === 'differs' ? (['look', text.settingsDiffer] as const) : (['todo', text.settingsAbsent] as const);
  return { name, mark, lines: [line], isSimulated: false };
}
