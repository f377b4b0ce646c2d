// The script of every office screen. Each behaviour improves a form or a link that already works without it.
import { mountBehaviours } from "./behaviours";

mountBehaviours(document);
