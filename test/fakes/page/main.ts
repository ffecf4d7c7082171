// A page that shows the state of the real page's connection, the version of the server, and all jobs.
import { openConnection } from '../../../src/renderer/connection/connection.ts';

const { client, state } = openConnection();

function showState(): void {
  const place = document.getElementById('state');
  if (place) place.textContent = state.get();
}

async function showJobs(): Promise<void> {
  const list = document.getElementById('jobs');
  for await (const change of client.jobs.watchAll({})) {
    if (change.type !== 'job' || !list) continue;
    const line = document.getElementById(change.job.id) ?? list.appendChild(document.createElement('li'));
    line.id = change.job.id;
    line.textContent = `${change.job.title}: ${change.job.state}`;
  }
}

state.subscribe(() => {
  showState();
  if (state.get() === 'open')
    void client.shell.hello({}).then(({ version }) => (document.title = `Sealift ${version}`));
});
showState();
void showJobs();
