-- A login is forgotten once its person belongs to no workspace.
grant delete on accounts.login to tenet_system;
