import assert from 'node:assert/strict';
import { suggestLanguage } from '../../../../src/documents/language/suggestLanguage.ts';

const builtIn = ['json', 'xml', 'html', 'yaml', 'ini', 'properties', 'shellscript', 'python', 'dockerfile'];

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}

describe('suggestLanguage', () => {
  const told: [string, string, string][] = [
    ['a JSON object', '{"a": [1, 2]}', 'json'],
    ['a JSON array with a byte order mark', '\ufeff\n[1, "two"]\n', 'json'],
    ['XML with its declaration', '<?xml version="1.0"?>\n<a/>', 'xml'],
    ['XML without it', '<config version="2">\n  <port>1</port>\n</config>\n', 'xml'],
    ['one empty element', '<config a="b"/>', 'xml'],
    ['HTML', '<!DOCTYPE html>\n<html></html>', 'html'],
    ['a shell script', '#!/bin/sh\nexit 1', 'shellscript'],
    ['a shell script by env', '#!/usr/bin/env bash\nexit 1', 'shellscript'],
    ['a Python script', '#!/usr/bin/env python3\npass', 'python'],
    ['a Dockerfile', lines('# base', 'ARG V=1', 'FROM alpine:${V} AS build', 'RUN apk add etcd'), 'dockerfile'],
    ['YAML', lines('# app', 'name: web', 'ports:', '  - 80', '  - name: x', '    at: "y"'), 'yaml'],
    ['YAML after its mark', lines('---', 'name: web'), 'yaml'],
    ['a YAML list of mappings', lines('- name: a', '  port: 1', '- name: b'), 'yaml'],
    ['YAML with a block of text', lines('script: |', '  line = 1', '  other', 'next: 1'), 'yaml'],
    ['ini', lines('; comment', '[server]', 'host = example.org', 'path=/var/x y'), 'ini'],
    ['assignments without a section', lines('HOST=example.org', 'PORT=80'), 'properties'],
  ];
  for (const [what, text, language] of told) {
    it(`knows ${what}`, () => {
      assert.equal(suggestLanguage('/config/app', text, builtIn), language);
    });
  }

  const toml = lines('title = "x" # why', '[owner]', 'born = 1979-05-27T07:32:00Z', 'ports = [', '  1,', '  2,', ']');
  it('knows TOML where there is a language for it', () => {
    assert.equal(suggestLanguage('/config/app', toml, [...builtIn, 'toml']), 'toml');
  });
  it('takes ini for TOML elsewhere', () => {
    assert.equal(suggestLanguage('/config/app', toml, builtIn), 'ini');
  });

  const plain: [string, string][] = [
    ['nothing', ''],
    ['white space', ' \n'],
    ['a word', 'enabled'],
    ['a number', '42'],
    ['a JSON text that is neither object nor array', '"text"'],
    ['broken JSON', '{"a": '],
    ['prose', 'Note: this is text.\nIt goes on.'],
    ['one line with a colon', 'host: example.org'],
    ['one assignment', 'a=b'],
    ['addresses', 'http://10.0.0.1:2379\nhttp://10.0.0.2:2379'],
    ['host and port', '10.0.0.1:2379\n10.0.0.2:2379'],
    ['a plain list', '- one\n- two'],
    ['markup that does not end as it began', '<a> is smaller than <b>'],
    ['a key in PEM', lines('-----BEGIN RSA PUBLIC KEY-----', 'Proc-Type: 4,ENCRYPTED', 'DEK-Info: x', '', 'MIIE')],
    ['a script for an unknown interpreter', '#!/opt/tool\na: 1\nb: 2'],
  ];
  for (const [what, text] of plain) {
    it(`leaves ${what} plain`, () => {
      assert.equal(suggestLanguage('/config/app', text, builtIn), undefined);
    });
  }

  it('knows a large text by its beginning, in whole lines', () => {
    assert.equal(suggestLanguage('/a', 'key: value\n'.repeat(100_000), builtIn), 'yaml');
    assert.equal(suggestLanguage('/a', 'x'.repeat(100_000), builtIn), undefined);
  });

  it('leaves what is named a text plain', () => {
    assert.equal(suggestLanguage('/notes.txt', '{}', builtIn), undefined);
  });

  it('suggests no language that is not there', () => {
    assert.equal(suggestLanguage('/a', '{}', ['plaintext']), undefined);
  });
});
