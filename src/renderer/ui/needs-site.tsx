import { Text } from '@mantine/core';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { Screen } from './screen.tsx';

/** Replaces a screen that needs a site: says why, and links to Deploy. Until it is known whether there is one, it says that it is loading. */
export function NeedsSite({ text }: { text: { title: string; lead: string; needSite: string } }) {
  const isKnown = useWizard((wizard) => wizard.state !== undefined || wizard.error !== undefined);
  return (
    <Screen title={text.title} lead={text.lead}>
      {isKnown ? (
        <>
          <Text>{text.needSite}</Text>
          <a href="#/deploy">{appText.toDeploy}</a>
        </>
      ) : (
        <Text>{appText.loading}</Text>
      )}
    </Screen>
  );
}
