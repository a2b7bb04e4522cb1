import { randomBytes } from 'node:crypto';
import { env, l10n, type Uri, type Webview } from 'vscode';
import { INTERVALS } from './overviewMessages.ts';
import { CHURN_MINUTES } from './spaceMessages.ts';

/**
 * Returns the page without figures, which its script fills in. The page may load its own script and style, and contacts
 * nothing.
 * @param folder returns the address of a built file
 * @param isFile whether to show only the space of keys, because a file has no members
 */
export function overviewHtml(
  webview: Webview,
  folder: (name: string) => Uri,
  heading: string,
  isFile: boolean,
): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const source = (name: string) => escaped(webview.asWebviewUri(folder(name)).toString());
  const headings = [l10n.t('Line'), l10n.t('Now'), l10n.t('Lowest'), l10n.t('Highest'), l10n.t('Limit')].join('\n');
  const options = INTERVALS.map((each) => {
    const text = each === 0 ? l10n.t('Off') : l10n.t('{0} s', each);
    return `<option value="${each}">${escaped(text)}</option>`;
  });
  const minutes = CHURN_MINUTES.map((each) => `<option value="${each}">${escaped(l10n.t('{0} min', each))}</option>`);
  const unlessFile = isFile ? ' hidden' : '';
  return `<!DOCTYPE html>
<html lang="${escaped(env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(heading)}</title>
<link rel="stylesheet" href="${source('overview.css')}">
</head>
<body>
<main>
<header>
<h1>${escaped(heading)}</h1>
<label${unlessFile}>${escaped(l10n.t('Refresh every'))} <select id="interval">${options.join('')}</select></label>
<button id="refresh"${unlessFile}>${escaped(l10n.t('Refresh Now'))}</button>
</header>
<div${unlessFile}>
<p id="sentence" role="status">${escaped(l10n.t('Asking all members …'))}</p>
<div id="charts" data-headings="${escaped(headings)}"></div>
<h2>${escaped(l10n.t('Leader changes'))}</h2>
<ul id="changes"></ul>
</div>
<section id="space">
<h2${unlessFile}>${escaped(l10n.t('What takes up space, and what changes'))}</h2>
<p>
${button('estimate', l10n.t('Estimate'), unlessFile)}
${button('measure', l10n.t('Measure Exactly'))}
${button('churn', l10n.t('Count Changes'), unlessFile)}
<label${unlessFile}>${escaped(l10n.t('for'))} <select id="minutes">${minutes.join('')}</select></label>
${button('up', l10n.t('Up'))}
${button('stop', l10n.t('Stop'))}
</p>
<p id="space-sentence" role="status"></p>
<div id="map" hidden></div>
<table id="space-table" data-texts="${escaped([l10n.t('Folder or key'), l10n.t('Look inside')].join('\n'))}" hidden></table>
</section>
</main>
<script nonce="${nonce}" src="${source('overview.js')}"></script>
</body>
</html>`;
}

function button(id: string, text: string, attributes = ''): string {
  return `<button id="${id}" class="deed"${attributes}>${escaped(text)}</button>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
