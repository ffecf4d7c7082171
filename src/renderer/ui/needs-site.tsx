import { Text } from '@mantine/core';
import { appText } from '../text/app.ts';
import { Screen } from './screen.tsx';

/** A screen for which a site must be described first: why, and the way there. */
export function NeedsSite({ text }: { text: { title: string; lead: string; needSite: string } }) {
  return (
    <Screen title={text.title} lead={text.lead}>
      <Text>{text.needSite}</Text>
      <a href="#/deploy">{appText.toDeploy}</a>
    </Screen>
  );
}
