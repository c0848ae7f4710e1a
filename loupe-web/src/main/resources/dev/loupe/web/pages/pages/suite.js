import { Page, html } from "../base.js";
customElements.define("loupe-suite", class extends Page { render() { return html`<h1>suite</h1>`; } });
