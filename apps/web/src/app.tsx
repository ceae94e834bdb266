import { Link, Route, Switch, useLocation, useRoute } from 'wouter';
import { AccountPage } from './access/account-page.js';
import { AuditPage } from './access/audit-page.js';
import { DiskPage } from './access/disk-page.js';
import { MembersPage } from './access/members-page.js';
import { ExperimentPage } from './experiment/experiment-page.js';
import { ExperimentsPage } from './experiments/experiments-page.js';
import { useLab } from './lab/lab-context.js';
import { maySubmit } from './lab/may-steer.js';
import { RunPage } from './run/run-page.js';
import { SubmitPage } from './submit/submit-page.js';
import { PageBoundary } from './elements/page-boundary.js';
import { usePageFocus } from './elements/use-page-focus.js';
import { useTitle } from './elements/use-title.js';

function NavLink({ to, children }: { readonly to: string; readonly children: string }) {
  const [here] = useRoute(to);
  return (
    <Link href={to} aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  );
}

function Header() {
  const { caller, signOut } = useLab();
  return (
    <header>
      <nav aria-label="lab">
        <Link href="/" className="brand">
          airmeta
        </Link>
        <NavLink to="/">Experiments</NavLink>
        {maySubmit(caller) && <NavLink to="/new">Submit</NavLink>}
        {caller.auth === 'on' && caller.role === 'admin' && <NavLink to="/members">Members</NavLink>}
        {caller.auth === 'on' && caller.role === 'admin' && <NavLink to="/audit">Audit log</NavLink>}
        {caller.role === 'admin' && <NavLink to="/disk">Disk</NavLink>}
        <a href="./docs">API</a>
      </nav>
      {signOut && (
        <div className="caller">
          <NavLink to="/account">{caller.name ?? 'account'}</NavLink>
          <span className="faint">{caller.role}</span>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}

function NothingHere() {
  useTitle('not found');
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <Link href="/">The lab’s experiments</Link> are where most things begin.
      </p>
    </>
  );
}

/** The tabs of an experiment are one page. */
const pageOf = (path: string) => path.split('/').slice(0, 3).join('/');

export function App() {
  const [path] = useLocation();
  const main = usePageFocus(path, pageOf(path));
  return (
    <>
      <Header />
      <main ref={main} tabIndex={-1}>
        <PageBoundary page={path}>
          <Switch>
            <Route path="/" component={ExperimentsPage} />
            <Route path="/new/:from?">{({ from }) => <SubmitPage key={from} from={from} />}</Route>
            <Route path="/experiments/:id/:tab?">{({ id, tab }) => <ExperimentPage key={id} id={id} tab={tab} />}</Route>
            <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
            <Route path="/account" component={AccountPage} />
            <Route path="/members" component={MembersPage} />
            <Route path="/audit" component={AuditPage} />
            <Route path="/disk" component={DiskPage} />
            <Route component={NothingHere} />
          </Switch>
        </PageBoundary>
      </main>
    </>
  );
}
