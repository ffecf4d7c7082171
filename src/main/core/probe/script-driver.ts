/** What the driver reads from its standard input, as JSON. */
export interface ScriptInput {
  endpoint: string;
  family: string;
  modelEndpoint: string;
  identifier: string;
  apiKey: string;
}

/** Exit code of a driver that found no script: that of a shell for a program that is not there. */
const notThere = 127;

/**
 * Python that runs the debugging script of the gateway's image in its own process, since the script takes the model's key only as an
 * argument, and everybody on the machine can read the arguments of a process. It passes the options that this version of the script has:
 * up to 17.x it is a file, later an entry of pyproject.toml.
 */
export const scriptDriver = `
import importlib,json,re,runpy,sys
given=json.load(sys.stdin)
def text(path):
    try: return open(path,encoding='utf-8').read()
    except OSError: return ''
old='scripts/troubleshoot_selfhosted_installation.py'
entry=re.search(r'^troubleshoot *= *["\\']([\\w.]+):(\\w+)',text('pyproject.toml'),re.M)
module=importlib.import_module(entry[1]) if entry else None
source=text(module.__file__ if module else old)
if not source: sys.exit(${notThere})
has=lambda word: re.search('["\\']'+re.escape(word)+'["\\']',source)
family=given['family']
if has('--model-family') and not has(family):
    print('(The script does not know the family '+family+'. It asks the model as one of mistral.)',flush=True)
    family='mistral'
options={'--endpoint':given['endpoint'],'--model-family':family,'--model-name':family,'--model-endpoint':given['modelEndpoint'],
    '--model-identifier':given['identifier'],'--api-key':given['apiKey']}
sys.argv=['troubleshoot']+[word for name,value in options.items() if has(name) for word in (name,value)]
if module: sys.exit(getattr(module,entry[2])())
runpy.run_path(old,run_name='__main__')
`.trim();
