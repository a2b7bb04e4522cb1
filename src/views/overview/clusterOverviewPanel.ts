import { EventEmitter, l10n, ViewColumn, type Uri, type WebviewPanel } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { ClusterHistory } from '../../etcd/cluster/overview/clusterHistory.ts';
import { sampleCluster } from '../../etcd/cluster/overview/clusterSample.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { window } from '../../ui/text/window.ts';
import { overviewContent } from './overviewContent.ts';
import { overviewHtml } from './overviewHtml.ts';
import { pageMessage } from './overviewMessages.ts';
import { spaceMessage, type SpacePage } from './spaceMessages.ts';
import { SpaceSection } from './spaceSection.ts';

const DEFAULT_SECONDS = 5;

/** A tab with charts of one cluster, or with the space in a file. It asks etcd only while it is visible. */
export class ClusterOverviewPanel extends DisposableOwner {
  readonly #closed = this.own(new EventEmitter<void>());
  readonly onDidClose = this.#closed.event;
  readonly #connectionId: string;
  readonly #connections: Connections;
  readonly #isFile: boolean;
  readonly #panel: WebviewPanel;
  readonly #history = new ClusterHistory();
  readonly #space: SpaceSection;
  #seconds = DEFAULT_SECONDS;
  #failure: EtcdError | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The request that is under way. */
  #asking: AbortController | undefined;

  /**
   * @param folder of the files of the page
   * @param reveal shows a key or folder of the connection in the tree
   */
  constructor(
    connectionId: string,
    connections: Connections,
    folder: (name: string) => Uri,
    reveal: (path: Uint8Array) => void,
  ) {
    super();
    this.#connectionId = connectionId;
    this.#connections = connections;
    const { name = '', file } = connections.get(connectionId) ?? {};
    this.#isFile = file !== undefined;
    const title = this.#isFile ? l10n.t('{0}: Space', name) : l10n.t('{0}: Cluster Overview', name);
    const panel = this.own(
      window.createWebviewPanel('etcd.overview', title, ViewColumn.Active, {
        enableScripts: true,
        localResourceRoots: [folder('')],
      }),
    );
    this.#panel = panel;
    const all = this.#isFile ? l10n.t('this file') : l10n.t('this cluster');
    const send = (page: SpacePage) => void panel.webview.postMessage(page);
    this.#space = new SpaceSection(() => this.#connection, all, send, reveal);
    this.own(
      panel.webview.onDidReceiveMessage((message: unknown) => {
        const report = pageMessage(message);
        if (report?.kind === 'ready') {
          this.#send();
          this.#space.resend();
          if (this.#isFile && !this.#space.hasRun) this.#space.receive({ kind: 'measure' });
        }
        if (report?.kind === 'refresh') this.#ask();
        if (report?.kind === 'interval') {
          this.#seconds = report.seconds;
          this.#wait();
        }
        const about = spaceMessage(message);
        if (about) this.#space.receive(about);
      }),
    );
    let wasVisible = panel.visible;
    this.own(
      panel.onDidChangeViewState(() => {
        // The event also reports changes of the focus.
        if (panel.visible === wasVisible) return;
        wasVisible = panel.visible;
        if (wasVisible) return this.#ask();
        this.#stop();
        this.#space.stop();
      }),
    );
    this.own(
      panel.onDidDispose(() => {
        this.#stop();
        this.#space.stop();
        this.#closed.fire();
        this.dispose();
      }),
    );
    const heading = this.#isFile ? l10n.t('Space in {0}', name) : l10n.t('Cluster Overview: {0}', name);
    panel.webview.html = overviewHtml(panel.webview, folder, heading, this.#isFile);
    this.#ask();
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** @throws EtcdError if the connection was removed */
  get #connection(): Connection {
    const connection = this.#connections.get(this.#connectionId);
    if (connection) return connection;
    throw new EtcdError('notFound', l10n.t('This connection was removed, so nothing more is read.'));
  }

  /** Queries the members now, and again after a pause. */
  #ask(): void {
    this.#stop();
    if (this.#isFile) return;
    const asking = new AbortController();
    this.#asking = asking;
    void this.#sample(asking.signal)
      .catch((error: unknown) => {
        if (asking.signal.aborted) return;
        if (!EtcdError.is(error)) throw error;
        this.#failure = error;
      })
      .finally(() => {
        if (asking.signal.aborted) return;
        this.#asking = undefined;
        this.#send();
        this.#wait();
      });
  }

  async #sample(signal: AbortSignal): Promise<void> {
    const cluster = await this.#connection.cluster(undefined, 'background');
    const sample = await sampleCluster(cluster, signal);
    if (signal.aborted) return;
    this.#history.add(sample);
    this.#failure = undefined;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#seconds === 0 || this.#asking || !this.#panel.visible) return;
    this.#timer = setTimeout(() => this.#ask(), this.#seconds * 1000);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
  }

  #send(): void {
    if (!this.#panel.visible || this.#isFile) return;
    void this.#panel.webview.postMessage(overviewContent(this.#history, this.#seconds, this.#failure));
  }
}
