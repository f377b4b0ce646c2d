import "./behaviours";
