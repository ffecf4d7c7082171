import { Text } from '@mantine/core';
import { appText } from '../text/app.ts';
import { Screen } from './screen.tsx';

/** Replaces a screen that needs a site: says why, and links to Deploy. */
export function NeedsSite({ text }: { text: { title: string; lead: string; needSite: string } }) {
  return (
    <Screen title={text.title} lead={text.lead}>
      <Text>{text.needSite}</Text>
      <a href="#/deploy">{appText.toDeploy}</a>
    </Screen>
  );
}
