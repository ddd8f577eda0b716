// Copies the few files that the pages use out of node_modules, each package's licence beside them, and bundles what the
// boards use of Apache ECharts.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
if (!target) {
  console.error("usage: node build.mjs TARGET-FOLDER");
  process.exit(2);
}

const packages = {
  "@tabler/core": ["dist/css/tabler.min.css", "dist/js/tabler.min.js"],
  echarts: ["LICENSE", "NOTICE"],
  "htmx.org": ["dist/htmx.min.js", "LICENSE"],
  leaflet: ["dist/leaflet.js", "dist/leaflet.css", "LICENSE"],
  "@embedpdf/fonts-sc": ["fonts/NotoSansHans-Regular.otf", "fonts/NotoSansHans-Bold.otf", "LICENSE"], // for printed pages
};
// Tabler's package holds its licence only as a name and the notices inside its files.
const sourceMap = /^(\/\/|\/\*)# sourceMappingURL=.*$/gm;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const notices = [];
for (const [name, files] of Object.entries(packages)) {
  const folder = join(here, "node_modules", name);
  const { version, license, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  notices.push(`${name} ${version}: ${license}, ${homepage}`);
  for (const file of files) {
    const base = file.split("/").pop();
    const copy = /^[A-Z]+$/.test(base) ? `${base}.${name.replace(/\W+/g, "-")}.txt` : base;
    if (base.endsWith(".otf")) {
      copyFileSync(join(folder, file), join(target, base));
      continue;
    }
    const text = readFileSync(join(folder, file), "utf8").replace(sourceMap, "");
    writeFileSync(join(target, copy), text);
    writeFileSync(join(target, copy + ".gz"), gzipSync(text, { level: 9 })); // served to whoever takes it
  }
}
const { outputFiles } = await build({
  entryPoints: [join(here, "charts.mjs")], bundle: true, minify: true, write: false, format: "iife", globalName: "echarts",
  target: "es2019", legalComments: "inline",
});
const charts = outputFiles[0].text;
writeFileSync(join(target, "echarts.js"), charts);
writeFileSync(join(target, "echarts.js.gz"), gzipSync(charts, { level: 9 }));
writeFileSync(join(target, "NOTICE.txt"), notices.join("\n") + "\n");
