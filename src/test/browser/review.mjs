// node review.mjs REVIEW.html ANSWERS.csv: answers ten rows by the keyboard and saves the file.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const [page, answers] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const tab = await browser.newPage();
  const errors = [];
  tab.on('pageerror', error => errors.push(error.message));
  tab.on('console', message => message.type() === 'error' && errors.push(message.text()));
  await tab.goto(pathToFileURL(resolve(page)).href);

  const text = selector => tab.locator(selector).first().textContent();
  const id = async () => (await text('.id')).split(' · id ')[1];
  const suggested = async () => tab.locator('#said strong').nth(1).textContent();
  const keyOf = async label =>
    tab.locator('#classes button', {has: tab.getByText(label, {exact: true})}).locator('kbd')
      .textContent();
  const count = async () => Number((await text('#count')).split(' ')[0]);

  assert.equal(await tab.locator('#save').isDisabled(), true);
  const expected = new Map();
  while (expected.size < 10) {
    const row = await id();
    const label = await suggested();
    expected.set(row, label);
    await tab.keyboard.press(await keyOf(label));
    assert.equal(await count(), expected.size);
    assert.notEqual(await id(), row, 'an answer shows the next row');
  }

  // An answer is taken back and given again; a row is left without one.
  const [last, label] = [...expected].at(-1);
  await tab.keyboard.press('Backspace');
  assert.equal(await id(), last);
  assert.equal(await count(), 9);
  await tab.keyboard.press(await keyOf(label));
  const skipped = await id();
  await tab.keyboard.press('Enter');
  assert.notEqual(await id(), skipped);

  // The browser keeps answers when the page is closed and opened.
  await tab.reload();
  assert.equal(await count(), 10);

  const [file] = await Promise.all([tab.waitForEvent('download'), tab.click('#save')]);
  assert.equal(file.suggestedFilename(), 'answers.csv');
  await file.saveAs(answers);
  const [header, ...lines] = readFileSync(answers, 'utf8').trimEnd().split('\n');
  assert.equal(header, 'id,label,weight');
  assert.deepEqual(new Map(lines.map(line => line.split(',').slice(0, 2))), expected);
  assert.ok(lines.every(line => Number(line.split(',')[2]) > 0));
  assert.deepEqual(errors, []);
} finally {
  await browser.close();
}
