/* Longer ones, such as addresses, break where their column ends. */
const longestWhole = 18;

/** A text in a narrow column. Its words stay whole, so the column is never narrower than the longest of them. */
export function WholeWords({ text }: { text: string }) {
  return text.split(/(\s+)/).map((part, index) =>
    part.trim() === '' || part.length > longestWhole ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: words may repeat, and their order never changes
      <span key={index} className="sl-figure">
        {part}
      </span>
    ),
  );
}
