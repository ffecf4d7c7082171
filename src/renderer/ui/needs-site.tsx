import { Button, Text } from '@mantine/core';
import { goTo } from '../state/route.ts';
import { useWizard } from '../state/wizard.ts';
import { appText } from '../text/app.ts';
import { Screen } from './screen.tsx';

/** Replaces a screen that needs a site: says why, with a button to Deploy. Until it is known whether there is one, it says that it is loading. */
export function NeedsSite({ text }: { text: { title: string; lead: string; needSite: string } }) {
  const isKnown = useWizard((wizard) => wizard.state !== undefined || wizard.error !== undefined);
  return (
    <Screen title={text.title} lead={text.lead}>
      {isKnown ? (
        <>
          <Text>{text.needSite}</Text>
          <div>
            <Button onClick={() => goTo('deploy')}>{appText.toDeploy}</Button>
          </div>
        </>
      ) : (
        <Text>{appText.loading}</Text>
      )}
    </Screen>
  );
}
