import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { config as configureSchemas } from 'zod';
import { App } from './app.js';
import { PageBoundary } from './elements/page-boundary.js';
import { LabProvider } from './lab/lab-provider.js';
import { createQueries } from './lab/queries.js';
import './styles.css';

configureSchemas({ jitless: true }); // pages may not make programs of text: see the server's Content-Security-Policy

const queries = createQueries();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element "root"');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <PageBoundary page="lab">
        <LabProvider>
          <Router hook={useHashLocation}>
            <App />
          </Router>
        </LabProvider>
      </PageBoundary>
    </QueryClientProvider>
  </StrictMode>,
);
