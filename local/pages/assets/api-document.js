// Shows the OpenAPI document that the page names. It lists no servers, because it holds for every stage; here the API
// is the one on this machine.
(async () => {
  const target = document.getElementById('api-document');
  const isDark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => document.documentElement.classList.toggle('dark-mode', isDark.matches);
  isDark.addEventListener('change', follow);
  follow();

  const response = await fetch(target.dataset.document);
  const spec = await response.json();
  const { server } = target.dataset;
  window.SwaggerUIBundle({
    domNode: target,
    spec: server ? { ...spec, servers: [{ url: server }] } : spec,
    deepLinking: true,
    validatorUrl: null,
  });
})();
