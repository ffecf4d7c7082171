import type { z } from 'zod';

/** A page of the file: it may repeat an earlier page, except for the models in `without`. */
interface Page {
  id: string;
  source: string;
  like?: string | undefined;
  without?: string[] | undefined;
}

/** A row of the file: one line of one page. */
interface Row {
  page: string;
}

interface Model<R extends Row> {
  id: string;
  support: R[];
}

/**
 * Returns the rows of a model on all pages, oldest page first, each with the source of its page: its own row, else the row of the page
 * that this page is `like`. Needs pages that `checkPages` accepted.
 */
export function allRows<R extends Row>(model: Model<R>, pages: readonly Page[]): (R & { source: string })[] {
  return pages.flatMap((page) => {
    const row = rowOn(model, page, pages);
    return row ? [{ ...row, page: page.id, source: page.source }] : [];
  });
}

function rowOn<R extends Row>(model: Model<R>, page: Page, pages: readonly Page[]): R | undefined {
  return model.support.find((row) => row.page === page.id) ?? repeatedRow(model, page, pages);
}

function repeatedRow<R extends Row>(model: Model<R>, page: Page, pages: readonly Page[]): R | undefined {
  const earlier = pages.find((one) => one.id === page.like);
  return earlier && !page.without?.includes(model.id) ? rowOn(model, earlier, pages) : undefined;
}

/** Adds an issue for each `like`, `without` and row that contradicts another part of the file or says nothing new. */
export function checkPages<R extends Row>(
  { pages, models }: { pages: readonly Page[]; models: readonly Model<R>[] },
  context: z.RefinementCtx,
): void {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  for (const [at, page] of pages.entries())
    if (page.like !== undefined && !pages.slice(0, at).some((one) => one.id === page.like))
      return refuse(['pages', at, 'like'], 'name an earlier page');
  for (const [at, page] of pages.entries()) {
    const earlier = pages.find((one) => one.id === page.like);
    for (const id of page.without ?? [])
      if (!earlier || !models.some((model) => model.id === id && rowOn(model, earlier, pages)))
        refuse(['pages', at, 'without'], `${id} is not on the page that this one is like`);
  }
  models.forEach((model, at) => {
    for (const [index, row] of model.support.entries()) {
      const page = pages.find((one) => one.id === row.page);
      const path = ['models', at, 'support', index];
      if (!page) refuse([...path, 'page'], 'is not one of the pages');
      else if (page.without?.includes(model.id)) refuse(path, `page ${page.id} is without ${model.id}`);
      else if (isSame(row, repeatedRow(model, page, pages))) refuse(path, `repeats page ${page.like}: leave it out`);
    }
  });
}

/** True when two rows say the same, whatever their pages. */
function isSame<R extends Row>(row: R, other: R | undefined): boolean {
  if (!other) return false;
  const sorted = (one: R) => JSON.stringify(Object.entries({ ...one, page: '' }).sort());
  return sorted(row) === sorted(other);
}
