import { Kbd, Title } from '@mantine/core';
import { helpText as text } from '../../text/help.ts';
import { Facts } from '../../ui/facts.tsx';

/** Lists the keyboard shortcuts of the window. */
export function KeysList() {
  return (
    <article className="sl-chapter">
      <Title order={3} size="h2">
        {text.keys}
      </Title>
      <Facts rows={text.keyRows.map(([key, what]) => [<Keys key={key} keys={key} />, what])} />
    </article>
  );
}

/** One cap per key, with the word between two of them outside. */
function Keys({ keys }: { keys: string }) {
  const [first, next] = keys.split(text.nextKey);
  return (
    <>
      <Kbd>{first}</Kbd>
      {next && (
        <>
          {text.nextKey}
          <Kbd>{next}</Kbd>
        </>
      )}
    </>
  );
}
