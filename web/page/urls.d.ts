// Assets as URLs: of files beside the page, or `data:` URLs inside it.
declare module "*.tgan" {
  const url: string;
  export default url;
}
