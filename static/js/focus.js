/* Once something was done, the page begins with a message about it: the focus goes there, so that it is read out and
   the next Tab leads on from it. An address with a place in the page (#…) goes to that place instead. */
"use strict";

(() => {
  const said = document.querySelector(".messages [tabindex]");
  if (said && !location.hash && document.activeElement === document.body) said.focus();
})();
