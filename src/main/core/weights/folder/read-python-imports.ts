import { readNamed } from '../../files/read-bounded.ts';
import { folderOf } from '../file-names.ts';
import type { ReadableFile } from './readable-file.ts';

const limitBytes = 4 * 1024 * 1024;
/* As transformers finds them (dynamic_module_utils.get_relative_imports), and copies the files. */
const relative = /^\s*(?:from\s+\.(\w+)\s+import\b|import\s+\.(\w+)\s*$)/gm;

/** Returns the modules next to it that each Python file of a model's folder imports; larger files than 4 MiB are not read. */
export async function readPythonImports(files: readonly ReadableFile[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { name, range } of files) {
    if (!name.endsWith('.py') || folderOf(name) !== '' || range.sizeBytes > limitBytes) continue;
    const text = (await readNamed(range.path, limitBytes, 'Code of the model')).toString('utf8');
    found.set(
      name,
      [...text.matchAll(relative)].map((one) => one[1] ?? one[2] ?? ''),
    );
  }
  return found;
}
