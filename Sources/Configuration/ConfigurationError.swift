internal import PAP
