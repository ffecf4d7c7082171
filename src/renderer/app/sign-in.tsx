import { List } from '@mantine/core';
import { appText } from '../text/app.ts';
import { Screen } from '../ui/screen.tsx';

/** Tells a browser without a session where to find the sign-in link. */
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
