import { Component, h } from "preact";

/**
 * A component that is drawn again only for other props.
 * @template {object} Props
 * @param {(props: Props) => any} draw
 */
export function memo(draw) {
  return class Memo extends Component {
    /** @override @param {any} next */
    shouldComponentUpdate(next) {
      const now = /** @type {any} */ (this.props);
      return Object.keys({ ...now, ...next })
        .some((key) => key !== "children" && now[key] !== next[key]);
    }
    /** @override */
    render() {
      return h(/** @type {any} */ (draw), this.props);
    }
  };
}
