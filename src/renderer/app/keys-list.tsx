import { Kbd, Modal, Table } from '@mantine/core';
import { appText } from '../text/app.ts';

/** The list of keys. */
export function KeysList({ isOpen, close }: { isOpen: boolean; close(): void }) {
  return (
    <Modal opened={isOpen} onClose={close} title={appText.keysTitle} closeButtonProps={{ 'aria-label': appText.close }}>
      <Table>
        <Table.Tbody>
          {appText.keyRows.map(([key, what]) => (
            <Table.Tr key={key}>
              <Table.Td>
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
