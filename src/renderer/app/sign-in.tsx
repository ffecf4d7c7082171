import { List } from '@mantine/core';
import { appText } from '../text/app.ts';
import { Screen } from '../ui/screen.tsx';

/** What is shown to a browser that has no session: where the link is. */
export function SignIn() {
  return (
    <main>
      <Screen title={appText.signIn} lead={appText.signInLead}>
        <List type="ordered">
          {appText.signInHow.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      </Screen>
    </main>
  );
}
