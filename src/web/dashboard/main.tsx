import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { App } from './app.tsx'
import { useFragmentLocation, useFragmentSearch } from './routing/fragment-location.ts'
import { applyTheme } from './shell/theme-choice.ts'
import './theme.css'
import './base.css'

applyTheme()

const place = document.getElementById('dashboard')
if (place === null) throw new Error('The page has no place for the dashboard.')

createRoot(place).render(
  <StrictMode>
    <Router hook={useFragmentLocation} searchHook={useFragmentSearch}>
      <App />
    </Router>
  </StrictMode>,
)
