// Writes a TypeScript file that says of every dashboard that it is one, by the types of @grafana/schema: the compiler then finds what
// Grafana does not know or expects otherwise. Usage: node schema-check.mjs DASHBOARDS > check.ts; see .ci/run.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const panelTypes = ['heatmap', 'stat', 'table', 'timeseries', 'xychart'];

console.log(`import type { Dashboard, Panel } from '@grafana/schema';`);
for (const type of panelTypes) console.log(`import type { Options as ${type} } from './node_modules/@grafana/schema/dist/types/raw/composable/${type}/panelcfg/x/types.gen';`);
console.log(`import type { Options as state_timeline } from './node_modules/@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen';`);
// JSON writes enumerations as their values; and it leaves out what has a default.
console.log(`
type Written<T> = T extends string ? \`\${T}\` : T extends number ? number : T extends (infer U)[] ? Written<U>[]
  : T extends object ? { [K in keyof T]?: Written<T[K]> } : T;
type Target = { datasource: { type: 'prometheus'; uid: string }; editorMode: 'code'; expr: string; legendFormat: string; refId: string;
  range: boolean; instant?: boolean; format?: 'table' | 'heatmap' };`);
for (const file of readdirSync(folder).filter(name => name.endsWith('.json')).sort()) {
  const dashboard = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const name = file.replace(/\W/g, '_');
  const { panels, annotations, templating, ...rest } = dashboard;
  console.log(`export const ${name}: Written<Dashboard> = ${JSON.stringify(rest, null, 1)};`);
  panels.forEach(({ options, targets, ...panel }, index) => {
    console.log(`export const ${name}_${index}: Written<Panel> = ${JSON.stringify(panel, null, 1)};`);
    console.log(`export const ${name}_${index}_options: Written<${panel.type.replace('-', '_')}> = ${JSON.stringify(options, null, 1)};`);
    console.log(`export const ${name}_${index}_targets: Target[] = ${JSON.stringify(targets, null, 1)};`);
  });
}
